/* node render.mjs BUNDLE TOKEN TOKEN: the shop's page as its server draws it. */
import { createRequire } from "node:module";

const [bundle, ...tokens] = process.argv.slice(2);
process.stdout.write(await createRequire(import.meta.url)(bundle).render(tokens));
