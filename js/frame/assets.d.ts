// esbuild's `file` loader: the address of the asset, with its content hash.
declare module "*.wasm" {
  const address: string;
  export default address;
}
