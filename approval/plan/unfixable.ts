/** Checks that people can decide something about, though no patch of an MCPServer satisfies them: what to do instead. */

/** By id of the check, one sentence without its end. A test holds it against the catalogue. */
export const UNFIXABLE: Readonly<Record<string, string>> = {
  'MCP-C03': 'which image has the fixed versions is not known here: choose it, and set it by its digest',
  'MCP-C04':
    'which version of the program was reviewed is not known here: name it, or build an image that holds it',
  'MCP-C07': 'the operator applies what the MCPServer says by itself: take the other hand off the object',
  'MCP-P01': 'which release speaks a newer revision is not known here: choose an image that does',
  'MCP-S01': 'the server itself, or a proxy in front of it, must ask for tokens',
  'MCP-S05': 'the server itself must refuse bad tokens: ask for a Quarantine of it until it does',
  'MCP-S07': 'the server itself must use a credential of its own for its upstream',
  'MCP-S11': 'whoever serves TLS must renew or correct it',
  'MCP-S12':
    'the text is for the author of the server to change: accept it after review, or ask for a Quarantine',
  'MCP-S13': 'hidden text is for the author of the server to remove: ask for a Quarantine',
  'MCP-S14': 'after review, ask for AcceptDefinitions, or roll the image back',
  'MCP-S15': 'a server that shows different definitions is not to be trusted: ask for a Quarantine',
  'MCP-S17': 'the annotations of a tool are for the author of the server to correct',
};
