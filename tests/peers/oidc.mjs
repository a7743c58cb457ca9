// A strict OAuth server we did not write, dressed as Google: `oidc-provider` with our scopes, an interaction that
// agrees by itself, rotating refresh tokens, and a few handles for tests. Prints {"base": "http://127.0.0.1:PORT"}.
//
// GET  /control/log            what the server decided, oldest first
// POST /control/expire         every access token is dead from now on
// POST /control/deny           the next person presses Cancel

import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import Provider, { interactionPolicy } from 'oidc-provider';

const ACCOUNT = { sub: 'anna', email: 'anna@example.org', email_verified: true };
const SCOPES = [
  'https://www.googleapis.com/auth/gmail.send',
  'https://www.googleapis.com/auth/gmail.readonly',
  'https://www.googleapis.com/auth/drive.file',
];
// A native app: no secret, any port on loopback (RFC 8252 §7.3), a private scheme with a dot (§7.1).
const CLIENT = {
  client_id: 'autopilot-native',
  application_type: 'native',
  token_endpoint_auth_method: 'none',
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  redirect_uris: ['http://127.0.0.1/', 'app.autopilot.desktop:/oauth/callback'],
};

const log = [];
const accessTokens = new Set();
let deny = false;

const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const base = `http://127.0.0.1:${server.address().port}`;
  const provider = dress(new Provider(base, configuration()));
  const answer = provider.callback();
  server.on('request', (request, response) => {
    const { pathname } = new URL(request.url, base);
    if (pathname.startsWith('/control/')) return control(pathname, response);
    if (pathname.startsWith('/interaction/')) {
      return interact(provider, request, response).catch((error) => {
        response.writeHead(500).end(String(error));
      });
    }
    return answer(request, response);
  });
  console.log(JSON.stringify({ base }));
});

// Whoever started us holds our standard input; when they are gone, so are we.
process.stdin.on('end', () => process.exit(0)).resume();

function configuration() {
  const policy = interactionPolicy.base();
  // Google's own word for "let the person choose"; the server knows none like it.
  policy.add(new interactionPolicy.Prompt({ name: 'select_account', requestable: true }), 0);
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    clients: [CLIENT],
    scopes: ['openid', 'email', ...SCOPES],
    claims: { openid: ['sub'], email: ['email', 'email_verified'] },
    pkce: { required: () => true },
    rotateRefreshToken: true,
    issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    features: {
      devInteractions: { enabled: false },
      revocation: { enabled: true },
    },
    findAccount: async (_ctx, id) => ({ accountId: id, claims: async () => ({ ...ACCOUNT, sub: id }) }),
    interactions: { policy, url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    cookies: { keys: [randomBytes(16).toString('hex')] },
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256' }] },
    ttl: {
      AccessToken: 3600,
      AuthorizationCode: 60,
      Grant: 86400,
      IdToken: 3600,
      Interaction: 600,
      RefreshToken: 86400,
      Session: 86400,
    },
  };
}

function dress(provider) {
  const note = (event, more = {}) => log.push({ event, ...more });
  provider.on('access_token.saved', (token) => accessTokens.add(token));
  provider.on('grant.success', (ctx) => note('granted', { grant_type: ctx.oidc.params.grant_type }));
  provider.on('grant.error', (ctx, error) => {
    note('refused', { grant_type: ctx.oidc?.params?.grant_type, error: error.error, detail: error.error_detail });
  });
  provider.on('grant.revoked', () => note('family_ended'));
  provider.on('authorization.error', (_ctx, error) => note('not_authorized', { error: error.error }));
  provider.on('authorization.success', (ctx) => {
    const { redirect_uri, code_challenge_method } = ctx.oidc.params;
    note('authorized', { redirect_uri, code_challenge_method });
  });
  provider.on('refresh_token.consumed', () => note('refresh_token_used_up'));
  return provider;
}

// Agrees to everything as Anna, as fast as the server asks.
async function interact(provider, request, response) {
  const details = await provider.interactionDetails(request, response);
  if (deny) {
    deny = false;
    const result = { error: 'access_denied', error_description: 'the person pressed Cancel' };
    return provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
  }
  const { prompt, params, session, grantId } = details;
  const result = {};
  if (prompt.name === 'consent') {
    const grant = grantId
      ? await provider.Grant.find(grantId)
      : new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
    grant.addOIDCScope(params.scope);
    result.consent = { grantId: await grant.save() };
  } else {
    result[prompt.name] = { accountId: ACCOUNT.sub };
  }
  return provider.interactionFinished(request, response, result, { mergeWithLastSubmission: true });
}

async function control(pathname, response) {
  const done = (value) => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  switch (pathname) {
    case '/control/log':
      return done(log);
    case '/control/expire':
      await Promise.all([...accessTokens].map((token) => token.destroy()));
      accessTokens.clear();
      return done({ ok: true });
    case '/control/deny':
      deny = true;
      return done({ ok: true });
    default:
      return response.writeHead(404).end();
  }
}
