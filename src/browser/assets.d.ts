declare module "*/r.js" {
  const text: string;
  export default text;
}
