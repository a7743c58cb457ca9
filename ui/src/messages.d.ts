/** Parts of the message files that vite.config.ts cuts out, for those who fetch them later. */
declare module "doctor-words/*" {
  const words: Readonly<Record<string, string>>;
  export default words;
}
