// Gmail and Drive that we did not write: `emulate`, with a mailbox of its own seed. Prints
// {"base": "http://127.0.0.1:PORT", "bare": "http://127.0.0.1:PORT"}: `base` for our code, `bare` for the test to look
// behind it.
//
// `bare` is the emulator as it is. It lacks what our code can't do without, so `base` passes every request on byte by
// byte and adds two things: ids made ahead (`files.generateIds`), under which an upload is found again although the
// emulator names files itself, and checksums, computed from the bytes that the emulator gives back. It has no batch
// either; that stays, because our code then asks one by one.

import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { createEmulator } from 'emulate';

const ACCOUNT = 'anna@example.org';
const TOKEN = 'emulated-access-token';

const emulator = await createEmulator({ service: 'google', port: await freePort(), seed: seed() });
const ids = new Map();

const server = createServer((request, response) => {
  pass(request, response).catch((error) => response.writeHead(502).end(String(error)));
});
server.listen(0, '127.0.0.1', () => {
  const base = `http://127.0.0.1:${server.address().port}`;
  console.log(JSON.stringify({ base, bare: emulator.url.replace('localhost', '127.0.0.1') }));
});

// Whoever started us holds our standard input; when they are gone, so are we.
process.stdin.on('end', () => process.exit(0)).resume();

function seed() {
  const messages = Array.from({ length: 120 }, (_, number) => ({
    id: `mail_${number}`,
    user_email: ACCOUNT,
    from: number % 4 === 0 ? 'Carla Diaz <carla@example.net>' : `Sender ${number} <sender${number}@example.com>`,
    to: ACCOUNT,
    subject: number % 6 === 0 ? `Invoice ${number}` : `Letter ${number}`,
    body_text: `This is letter number ${number}.`,
    label_ids: number % 3 === 0 ? ['INBOX', 'UNREAD'] : ['INBOX'],
    internal_date: String(Date.parse('2026-11-01T08:00:00Z') + number * 60_000),
  }));
  return {
    tokens: { [TOKEN]: { login: ACCOUNT, scopes: [] } },
    google: { users: [{ email: ACCOUNT, name: 'Anna Berg' }], messages },
  };
}

async function pass(request, response) {
  const url = new URL(request.url, emulator.url);
  if (request.method === 'GET' && url.pathname === '/drive/v3/files/generateIds') {
    const count = Number(url.searchParams.get('count') ?? 10);
    const made = Array.from({ length: count }, () => `ahead${randomBytes(10).toString('hex')}`);
    return json(response, { kind: 'drive#generatedIds', space: 'drive', ids: made });
  }
  const file = /^\/drive\/v3\/files\/([^/]+)$/.exec(url.pathname)?.[1];
  if (file) url.pathname = `/drive/v3/files/${ids.get(file) ?? file}`;
  const body = await whole(request);
  const { host: _, 'content-length': __, connection: ___, ...headers } = request.headers;
  const answer = await fetch(url, { method: request.method, headers, body: body.length ? body : undefined });
  const bytes = Buffer.from(await answer.arrayBuffer());
  const type = answer.headers.get('content-type') ?? 'application/octet-stream';
  if (answer.ok && url.pathname.includes('/drive/v3/files') && type.includes('json') && !url.searchParams.has('alt')) {
    const told = JSON.parse(bytes.toString());
    const asked = request.method === 'POST' && /"id"\s*:\s*"(ahead[0-9a-f]+)"/.exec(body.toString('latin1'))?.[1];
    if (asked) ids.set(asked, told.id);
    for (const one of told.files ?? [told]) await complete(one, headers);
    return json(response, told);
  }
  response.writeHead(answer.status, { 'content-type': type }).end(bytes);
}

async function complete(file, headers) {
  const named = [...ids].find(([, theirs]) => theirs === file.id)?.[0];
  if (file.size !== undefined) {
    const media = await fetch(`${emulator.url}/drive/v3/files/${file.id}?alt=media`, {
      headers: { authorization: headers.authorization },
    });
    const bytes = Buffer.from(await media.arrayBuffer());
    file.md5Checksum = createHash('md5').update(bytes).digest('hex');
    file.sha256Checksum = createHash('sha256').update(bytes).digest('hex');
  }
  if (named) file.id = named;
}

function json(response, value) {
  response.writeHead(200, { 'content-type': 'application/json; charset=UTF-8' }).end(JSON.stringify(value));
}

async function whole(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

// The emulator wants to be told its port.
function freePort() {
  return new Promise((found) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => found(port));
    });
  });
}
