import base from "./vite.config.ts";
import { mergeConfig } from "vite";
const of = typeof base === "function" ? base({ command: "serve", mode: "test" }) : base;
export default mergeConfig(await of, { server: { strictPort: false }, test: { api: { port: 64017, strictPort: false }, browser: { api: { port: 64018, strictPort: false } } } });
