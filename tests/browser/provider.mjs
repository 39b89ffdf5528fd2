// An OpenID provider that is certified (oidc-provider of the npm registry), for tests: whoever comes may log in as anybody.
// Told by its arguments: the folder with its node_modules, its port, where to send people back to.

import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [folder, port, backTo] = process.argv.slice(2);
const { Provider } = await import(pathToFileURL(join(folder, "node_modules/oidc-provider/lib/index.js")));

const provider = new Provider(`http://localhost:${port}`, {
  clients: [
    {
      client_id: "gridmask",
      client_secret: "s3cret",
      redirect_uris: [backTo],
      post_logout_redirect_uris: [new URL("/", backTo).href],
    },
  ],
  claims: { openid: ["sub"], groups: ["groups"] },
  cookies: { keys: ["nobody's"] },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, groups: [`/${id}/ops`] }) }),
});
provider.listen(Number(port), "127.0.0.1");
