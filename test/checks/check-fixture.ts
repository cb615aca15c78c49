/** One server that a check is tried on, as data: what the tests run and the table in the documentation lists. */
import type { RequestListener } from 'node:http';
import type { Declared, LiveObjects } from '../../checks/engine/context.ts';
import type { Outcome } from '../../checks/engine/outcome.ts';
import type { Subject } from '../../checks/subject.ts';
import type { Era } from '../../mcp/index.ts';
import type {
  FixtureAuthorizationServerOptions,
  FixtureServerOptions,
} from '../fixtures/mcp-server/index.ts';

/** A certificate to serve https with: good unless a field says otherwise. */
export interface CertificateFixture {
  /** For whom it is. Default the address of the server. */
  readonly hosts?: readonly string[];
  /** When it was made; it lives for a year. Default 0. */
  readonly issuedDaysAgo?: number;
  /** Default the authority that the probe trusts. */
  readonly signedBy?: 'authority' | 'stranger' | 'itself';
  /** Whether the server speaks TLS 1.0 and 1.1 too, or nothing else. Default neither. */
  readonly oldVersions?: 'too' | 'only';
}

/** Where the servers of one run are. */
export interface FixturePlaces {
  /** Of the MCP endpoint. */
  readonly url: string;
  /** Of the authorization server; empty when there is none. */
  readonly issuer: string;
}

export interface CheckFixture {
  /** Id of the check. */
  readonly check: string;
  /** What is special about the server, in a few words; unique for its check. */
  readonly fixture: string;
  readonly kind: 'conforming' | 'violating' | 'crashing';
  /** In which eras it is tried, one run for each; empty for a check without eras, which runs once. */
  readonly eras: readonly Era[];
  /** A function where the server keeps state between requests: it is called for each run. */
  readonly server: FixtureServerOptions | (() => FixtureServerOptions);
  readonly expected: Outcome;
  /** What the profile sets for the check. */
  readonly parameters?: Readonly<Record<string, unknown>>;
  /** Part of what the verdict must say. */
  readonly message?: string;
  /** The Bearer token of the probe. Default: it has none. */
  readonly credential?: string;
  /** What its owner declares of the server, over: an address (`url`), credentials required where it asks for some. */
  readonly declared?: Partial<Declared> | ((places: FixturePlaces) => Partial<Declared>);
  /** Serves https. */
  readonly certificate?: CertificateFixture;
  /** Replicas beside the server, which is then one of them. */
  readonly replicas?: readonly FixtureServerOptions[];
  /** An authorization server over https, declared as the only issuer; a listener answers everything itself. */
  readonly authorizationServer?: FixtureAuthorizationServerOptions | RequestListener;
  readonly authorizationServerCertificate?: CertificateFixture;
  /** The MCPServer and what is rendered for it. Default: only the address is known. */
  readonly subject?: Subject;
  /** What the operator saw of the cluster. Default nothing. */
  readonly live?: LiveObjects;
}
