/**
 * How swc reads and writes the source. One place for the tests and the build, so that what is published has been tested.
 *
 * @param {'typescript' | 'ecmascript'} syntax
 * @param {'commonjs' | 'es6'} format
 * @returns {import('@swc/core').Options}
 */
export function swcOptions(syntax, format = 'commonjs') {
  const parser = syntax === 'typescript' ? { syntax, decorators: true } : { syntax };
  return {
    swcrc: false,
    module: { type: format },
    jsc: {
      target: 'es2022',
      keepClassNames: true,
      parser,
      transform: { legacyDecorator: true, decoratorMetadata: true },
    },
  };
}
