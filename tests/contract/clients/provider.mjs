// A certified OpenID provider: `node provider.mjs PORT CLIENT SECRET ADDRESS [KEY]`, ADDRESS being where it sends people
// back to. With KEY (a public JWK) the client has no secret: it signs who it is, as Login.gov asks for (RFC 7523).
// It asks for PKCE and looks at it, takes each code once, and names itself in its answers (RFC 9207).
import { generateKeyPairSync } from "node:crypto";

import Provider from "oidc-provider";

const [port, client, secret, address, key] = process.argv.slice(2);
const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const groups = { ana: ["City Clerks"], nobody: [] };
const provider = new Provider(`http://localhost:${port}`, {
  claims: { openid: ["sub", "groups"], profile: ["name", "preferred_username"], email: ["email"] },
  clients: [
    {
      client_id: client,
      redirect_uris: [address],
      ...(key
        ? { token_endpoint_auth_method: "private_key_jwt", jwks: { keys: [JSON.parse(key)] } }
        : { client_secret: secret }),
    },
  ],
  conformIdTokenClaims: false,
  cookies: { keys: ["a key of this test"] },
  findAccount: (_, sub) => ({
    accountId: sub,
    claims: () => ({ sub, groups: groups[sub] ?? [], name: `${sub} Torres`, preferred_username: sub }),
  }),
  jwks: { keys: [{ ...privateKey.export({ format: "jwk" }), alg: "RS256", kid: "one", use: "sig" }] },
  pkce: { required: () => true },
});
provider.listen(Number(port), "localhost", () => console.log("ready"));
