/* node build.mjs FOLDER: the shop of each framework, for browsers and for the server. */
import { readFile } from "node:fs/promises";
import { build } from "esbuild";
import { compileScript, parse } from "vue/compiler-sfc";

const folder = process.argv[2];

const vue = (ssr) => ({
  name: "vue",
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.vue$/ }, async ({ path }) => {
      const { descriptor } = parse(await readFile(path, "utf8"), { filename: path });
      const { content } = compileScript(descriptor, {
        id: path,
        inlineTemplate: true,
        templateOptions: {
          ssr,
          ssrCssVars: [],
          compilerOptions: { isCustomElement: (tag) => tag.startsWith("giftweb-") },
        },
      });
      return { contents: content, loader: "js" };
    }),
});

const modes = { production: "", development: "-dev" };
for (const [name, kind] of [["react", "tsx"], ["vue", "js"]]) {
  for (const [mode, suffix] of Object.entries(modes)) {
    await build({
      entryPoints: [`${name}-client.${kind}`],
      outfile: `${folder}/${name}${suffix}.js`,
      bundle: true,
      minify: mode === "production",
      format: "iife",
      jsx: "automatic",
      define: {
        "process.env.NODE_ENV": JSON.stringify(mode),
        __VUE_OPTIONS_API__: "true",
        __VUE_PROD_DEVTOOLS__: "false",
        __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: "true",
      },
      plugins: [vue(false)],
    });
  }
  await build({
    entryPoints: [`${name}-server.${kind}`],
    outfile: `${folder}/${name}-server.cjs`,
    bundle: true,
    platform: "node",
    format: "cjs",
    jsx: "automatic",
    plugins: [vue(true)],
  });
}
