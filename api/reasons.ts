/**
 * Every condition of an MCPServer and every reason it can give, as data: the types below, `docs/reasons.md` and the tests
 * come from this one table. A meaning is one sentence for someone who reads the status; a remedy says what to do, or is
 * empty where nothing is wrong. Adding a reason is an addition to the API; renaming one breaks people's alerts.
 */

/** What a reason says about its condition. */
export interface Reason {
  readonly status: 'True' | 'False' | 'Unknown';
  readonly meaning: string;
  readonly remedy: string;
}

const LOGS = 'Read the log: `kubectl logs -l mcp.kilocode.ai/server=NAME -c server --previous`.';
const GRANT =
  'Bind the ClusterRole `mcp-operator-secret-reader` to the ServiceAccount of the operator in this namespace; the message holds the whole command.';

/** What is the same for every server without pods. */
const REMOTE = {
  status: 'True',
  meaning: 'The source is remote, so there are no pods.',
  remedy: '',
} as const satisfies Reason;

/** Condition type, then reason. The order is that of the page, the good news first. */
export const REASONS = {
  Accepted: {
    Accepted: { status: 'True', meaning: 'The operator can work with this spec.', remedy: '' },
    PolicyViolated: {
      status: 'True',
      meaning:
        'The operator can work with this spec, and the server runs on, but it breaks the MCPSecurityPolicies that the message names, each with its rules. Where one is enforced, changes are refused that break it in a further way.',
      remedy:
        'Correct what the rules ask for: `kubectl describe mcpsecuritypolicy POLICY` shows them, and `kilo-mcp lint` names each field of the server with its fix.',
    },
    NameCollision: {
      status: 'False',
      meaning:
        'An object with the name of one of the children exists and belongs to somebody else; it is left alone.',
      remedy: 'Delete or rename the object that the message names, or give the server another name.',
    },
    ReferenceNotFound: {
      status: 'False',
      meaning: 'A Secret, ConfigMap or key that the operator itself must read does not exist.',
      remedy: 'Create what the message names, or correct the reference.',
    },
    ReferenceInvalid: {
      status: 'False',
      meaning: 'A Secret or ConfigMap that the operator itself must read holds something it cannot use.',
      remedy:
        'Correct the value that the message names: PEM certificates for caBundle, one line of text for a header.',
    },
    NoSecretAccess: {
      status: 'False',
      meaning:
        'The operator may not read Secrets of this namespace, and the spec names one that it must read.',
      remedy: GRANT,
    },
    ForbiddenAddress: {
      status: 'False',
      meaning:
        'source.remote.url points to an address that the operator does not connect to: loopback, link-local, a node, the API server, or inside the cluster.',
      remedy:
        'Use another address, or have the administrator open it with the chart value `probe.allowedCIDRs`.',
    },
  },
  ResourcesReady: {
    Applied: {
      status: 'True',
      meaning: 'Every child is as this generation of the spec wants it.',
      remedy: '',
    },
    RemoteSource: REMOTE,
    NotAccepted: {
      status: 'False',
      meaning: 'Children are not applied while the spec is not accepted.',
      remedy: 'See the condition Accepted.',
    },
    ApplyFailed: {
      status: 'False',
      meaning: 'The API server refused a child.',
      remedy:
        'Correct the field that the message names; a quota or an admission policy of the cluster is named there too.',
    },
    Suspended: {
      status: 'Unknown',
      meaning: 'The children are not looked at while spec.suspend is true.',
      remedy: 'Set spec.suspend to false.',
    },
  },
  Available: {
    MinimumReplicasReady: { status: 'True', meaning: 'Enough pods are ready to serve.', remedy: '' },
    RemoteSource: REMOTE,
    Quarantined: {
      status: 'False',
      meaning: 'An executed ApprovalRequest stopped the server.',
      remedy: 'Read the request; another one of kind Quarantine with operation End starts the server again.',
    },
    ScaledToZero: {
      status: 'False',
      meaning: 'spec.replicas is 0.',
      remedy: 'Scale up: `kubectl scale mcpserver NAME --replicas=1`.',
    },
    Progressing: {
      status: 'False',
      meaning: 'Pods are being made or started, and nothing is wrong with them yet.',
      remedy: 'Wait; a large image takes its time.',
    },
    ImagePullFailed: {
      status: 'False',
      meaning: 'The node cannot pull the image.',
      remedy: 'Correct source.image.ref, or add source.image.imagePullSecrets for a private registry.',
    },
    CrashLooping: {
      status: 'False',
      meaning: 'The container ends soon after it starts, again and again; the message has its exit code.',
      remedy: `${LOGS} Common causes: a missing argument or variable, and writes outside /tmp on the read-only root file system.`,
    },
    OutOfMemory: {
      status: 'False',
      meaning: 'The container was killed at its memory limit.',
      remedy: 'Raise resources.limits.memory.',
    },
    ContainerStartFailed: {
      status: 'False',
      meaning: 'The node cannot start the container: the program does not exist or cannot be run.',
      remedy: 'Correct command, or leave it out to use the entry point of the image.',
    },
    ImageRunsAsRoot: {
      status: 'False',
      meaning: 'The image wants to run as root, and the pods must not.',
      remedy:
        'Set podTemplate.spec.securityContext.runAsUser to a number above 0, or use an image with a numeric non-root user.',
    },
    MissingSecretKey: {
      status: 'False',
      meaning: 'The pod refers to a Secret or a key in it that does not exist.',
      remedy: 'Create what the message names, or correct env, envFrom or volumes.',
    },
    MissingConfigKey: {
      status: 'False',
      meaning: 'The pod refers to a ConfigMap or a key in it that does not exist.',
      remedy: 'Create what the message names, or correct env, envFrom or volumes.',
    },
    Unschedulable: {
      status: 'False',
      meaning: 'No node can take the pod.',
      remedy:
        'Lower resources.requests, correct podTemplate.spec (nodeSelector, affinity, tolerations), or add a node.',
    },
    Evicted: {
      status: 'False',
      meaning: 'A node put the pod out: it used more disk than its limits allow, or the node ran short.',
      remedy:
        'Mount a larger volume at the path that grows (/tmp holds 64Mi), or raise resources.requests so that other pods go first.',
    },
    QuotaExceeded: {
      status: 'False',
      meaning: 'A ResourceQuota of the namespace does not leave room for the pods.',
      remedy: 'Lower resources or replicas, or have the quota raised.',
    },
    PodsRefused: {
      status: 'False',
      meaning:
        'Admission refuses the pods: Pod Security, a LimitRange, a policy, or a ServiceAccount that does not exist.',
      remedy: 'Correct podTemplate to what the message names.',
    },
    ProbeFailing: {
      status: 'False',
      meaning: 'The container runs, but its startup, readiness or liveness probe fails.',
      remedy:
        'Check that the server listens on transport.port on all interfaces (0.0.0.0), not on 127.0.0.1 only.',
    },
    NotAccepted: {
      status: 'False',
      meaning: 'There are no pods, as the spec was not accepted.',
      remedy: 'See the condition Accepted.',
    },
  },
  Verified: {
    Verified: {
      status: 'True',
      meaning: 'The last probe spoke MCP with the server and read its definitions.',
      remedy: '',
    },
    AuthRequired: {
      status: 'Unknown',
      meaning: 'The server answers 401 or 403: it is alive and wants credentials.',
      remedy:
        'Name a credential in probe.headersFrom (source.remote.headersFrom for a remote server), or set auth.required to be content with this.',
    },
    NotYetProbed: {
      status: 'Unknown',
      meaning: 'No probe of the current pods has ended yet.',
      remedy: 'Wait a few seconds.',
    },
    NotAvailable: {
      status: 'Unknown',
      meaning: 'There is no ready pod to probe.',
      remedy: 'See the condition Available.',
    },
    NotAccepted: {
      status: 'Unknown',
      meaning: 'The server is not probed, as the spec was not accepted.',
      remedy: 'See the condition Accepted.',
    },
    Quarantined: {
      status: 'Unknown',
      meaning: 'No probes are sent while the server is in quarantine.',
      remedy: 'Read the request; another one of kind Quarantine with operation End starts the server again.',
    },
    Suspended: {
      status: 'Unknown',
      meaning: 'No probes are sent while spec.suspend is true.',
      remedy: 'Set spec.suspend to false.',
    },
    DefinitionsChanged: {
      status: 'False',
      meaning: 'The server describes its tools in another way than was accepted.',
      remedy:
        'Review what changed; then ask for AcceptDefinitions with the present hash, roll the image back, or ask for a Quarantine.',
    },
    InvalidTarget: {
      status: 'False',
      meaning: 'The URL or a header cannot be used.',
      remedy: 'Correct the URL; a header value must be one line of printable characters.',
    },
    NameNotResolved: {
      status: 'False',
      meaning: 'The host name has no address.',
      remedy: 'Correct source.remote.url, or the DNS.',
    },
    ForbiddenAddress: {
      status: 'False',
      meaning: 'The name resolves to an address that the operator does not connect to.',
      remedy:
        'Use another address, or have the administrator open it with the chart value `probe.allowedCIDRs`.',
    },
    ConnectionRefused: {
      status: 'False',
      meaning: 'Nothing listens at the address and port.',
      remedy: 'Check transport.port, and that the server listens on all interfaces (0.0.0.0).',
    },
    ConnectionTimeout: {
      status: 'False',
      meaning: 'No connection came about in time.',
      remedy: 'Look for a firewall or a NetworkPolicy between the operator and the server.',
    },
    ConnectionClosed: {
      status: 'False',
      meaning: 'The server closed the connection before it answered.',
      remedy: `Check whether the port speaks TLS (transport.tls). ${LOGS}`,
    },
    Unreachable: {
      status: 'False',
      meaning: 'There is no route to the address.',
      remedy: 'Correct source.remote.url, or the routes of the cluster network.',
    },
    TLSFailed: {
      status: 'False',
      meaning: 'The TLS handshake failed or the certificate is not trusted.',
      remedy:
        'Name the issuing CA in transport.tls.caBundle, or renew the certificate for the right host name.',
    },
    Timeout: {
      status: 'False',
      meaning: 'The server did not finish its answers in time.',
      remedy: 'Raise probe.timeoutSeconds or the CPU of the server.',
    },
    TooLarge: {
      status: 'False',
      meaning: 'The server sent more than a probe reads.',
      remedy: 'Have the server describe its tools more briefly.',
    },
    TooManyPages: {
      status: 'False',
      meaning: 'A list has more pages or entries than a probe reads.',
      remedy: 'Have the server offer fewer definitions.',
    },
    PaginationLoop: {
      status: 'False',
      meaning: 'A list continues with a cursor that it already used.',
      remedy: 'Correct the pagination of the server.',
    },
    TooManyRedirects: {
      status: 'False',
      meaning: 'The server redirects again and again.',
      remedy: 'Correct transport.path or source.remote.url to the endpoint itself.',
    },
    RedirectRefused: {
      status: 'False',
      meaning: 'The server redirects to another origin, or in a way that drops the request.',
      remedy: 'Correct transport.path or source.remote.url to the endpoint itself.',
    },
    HTTPError: {
      status: 'False',
      meaning: 'The server answers with an HTTP error; the message has its code.',
      remedy: 'For 404 and 405 correct transport.path or transport.type; for 5xx read the log of the server.',
    },
    WrongContentType: {
      status: 'False',
      meaning: 'The answer is neither JSON nor an event stream.',
      remedy: 'Correct transport.path: something else than MCP answers there.',
    },
    UnsupportedEncoding: {
      status: 'False',
      meaning: 'The answer is compressed although the probe asked for none.',
      remedy: 'Have the server or the proxy before it honour Accept-Encoding.',
    },
    InvalidEncoding: { status: 'False', meaning: 'The answer is not UTF-8.', remedy: 'Correct the server.' },
    InvalidJSON: {
      status: 'False',
      meaning: 'The answer is not JSON.',
      remedy: 'Correct transport.path or the server.',
    },
    ProtocolError: {
      status: 'False',
      meaning: 'The answer does not follow the Model Context Protocol.',
      remedy: 'Correct transport.path or transport.type; else report it to the authors of the server.',
    },
    UnsupportedProtocolVersion: {
      status: 'False',
      meaning: 'The server speaks no version of MCP that the operator knows.',
      remedy: 'Upgrade the server, or the operator.',
    },
    Internal: {
      status: 'False',
      meaning: 'The probe itself failed.',
      remedy: 'Report it with the log of the operator.',
    },
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, Reason>>>>;

/** What Ready says in its own words; else it repeats the reason of the first condition above that keeps it from True. */
export const READY_REASONS = {
  Ready: {
    status: 'True',
    meaning:
      'The server runs at this generation and was verified, or wants credentials and auth.required says so.',
    remedy: '',
  },
  Quarantined: {
    status: 'False',
    meaning: 'An executed ApprovalRequest stopped the server: no pods and no probes.',
    remedy: 'Read the request; another one of kind Quarantine with operation End starts the server again.',
  },
  Suspended: { status: 'False', meaning: 'spec.suspend is true.', remedy: 'Set spec.suspend to false.' },
  ScaledToZero: {
    status: 'False',
    meaning: 'spec.replicas is 0.',
    remedy: 'Scale up: `kubectl scale mcpserver NAME --replicas=1`.',
  },
  RolloutInProgress: {
    status: 'False',
    meaning: 'Not every pod has the current pod template yet, whatever the old ones do.',
    remedy: 'Wait; when it lasts, look at the condition Available and at the newest pod.',
  },
} as const satisfies Readonly<Record<string, Reason>>;

/** What Compliant says. It is there only on servers that some ComplianceCheck or ClusterComplianceCheck covers, and Ready does not depend on it. */
export const COMPLIANT_REASONS = {
  Compliant: {
    status: 'True',
    meaning: 'Every check that covers the server found it compliant.',
    remedy: '',
  },
  NonCompliant: {
    status: 'False',
    meaning:
      'A check that covers the server found it below a threshold, or with a failure of severity critical that no waiver covers; the message names the checks.',
    remedy:
      '`kubectl describe` of the check shows its worst findings, its report or `kilo-mcp report` all of them, each with what to do.',
  },
  EvaluationFailed: {
    status: 'Unknown',
    meaning: 'A check that covers the server could evaluate nothing of it.',
    remedy: 'See the condition Verified: most often the server cannot be reached, or wants credentials.',
  },
  NotEvaluated: {
    status: 'Unknown',
    meaning: 'A check that covers the server has not looked at it yet, or cannot run.',
    remedy: 'Wait for its next run, or see its condition Ready: `kubectl describe mcpcc`.',
  },
  NotApplicable: {
    status: 'Unknown',
    meaning: 'Nothing of the profiles that cover the server applies to a server like this.',
    remedy: 'Name a profile that has something to say of it.',
  },
  Suspended: {
    status: 'Unknown',
    meaning:
      'The server, or a check that covers it, is suspended: what was found before may not hold any more.',
    remedy: 'Set spec.suspend of the server or of the check to false.',
  },
} as const satisfies Readonly<Record<string, Reason>>;
export type CompliantReason = keyof typeof COMPLIANT_REASONS;

type Reasons = typeof REASONS;

export type AcceptedReason = keyof Reasons['Accepted'];
type ResourcesReadyReason = keyof Reasons['ResourcesReady'];
export type AvailableReason = keyof Reasons['Available'];
type VerifiedReason = keyof Reasons['Verified'];
export type ReadyReason =
  keyof typeof READY_REASONS | AcceptedReason | ResourcesReadyReason | AvailableReason | VerifiedReason;

/** The closed union of reasons of each condition type. */
export interface ReasonOf {
  readonly Accepted: AcceptedReason;
  readonly ResourcesReady: ResourcesReadyReason;
  readonly Available: AvailableReason;
  readonly Verified: VerifiedReason;
  readonly Ready: ReadyReason;
}

/** Condition types in the order of their dependence: each needs those before it. */
export const CONDITION_TYPES = ['Accepted', 'ResourcesReady', 'Available', 'Verified', 'Ready'] as const;
export type ConditionType = (typeof CONDITION_TYPES)[number];
