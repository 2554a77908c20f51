import { dirname, join, relative } from 'node:path';
import ts from 'typescript';

export const root = join(import.meta.dirname, '../..');

/** How a host compiles: the settings of a new Nest 12 app, with this library's source in place of the package. */
export const hostCompilerOptions: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.NodeNext,
  moduleDetection: ts.ModuleDetectionKind.Force,
  strict: true,
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
  esModuleInterop: true,
  skipLibCheck: true,
  noEmit: true,
  types: ['node'],
  paths: {
    'nestjs-anonymous': [join(root, 'src/index.ts')],
    'nestjs-anonymous/client': [join(root, 'src/client/index.ts')],
    'nestjs-anonymous/testing': [join(root, 'src/testing/index.ts')],
  },
};

const parsed = new Map<string, ts.SourceFile | undefined>();

/** A program over files that need not exist. What programs have in common is parsed once. */
function createProgram(files: ReadonlyMap<string, string>): ts.Program {
  const host = ts.createCompilerHost(hostCompilerOptions);
  const parse = host.getSourceFile.bind(host);
  host.fileExists = (path) => files.has(path) || ts.sys.fileExists(path);
  const folders = new Set([...files.keys()].map((path) => dirname(path)));
  host.directoryExists = (path) => folders.has(path) || ts.sys.directoryExists(path);
  host.readFile = (path) => files.get(path) ?? ts.sys.readFile(path);
  host.getSourceFile = (path, ...how) => {
    if (files.has(path)) return parse(path, ...how);
    if (!parsed.has(path)) parsed.set(path, parse(path, ...how));
    return parsed.get(path);
  };
  return ts.createProgram([...files.keys()], hostCompilerOptions, host);
}

/** What the compiler says to pieces of TypeScript, each a module of its own, named by where they come from. */
export function typeErrors(pieces: ReadonlyMap<string, string>): string[] {
  const files = new Map([...pieces].map(([name, code]) => [join(root, `${name}.ts`), code]));
  const program = createProgram(files);
  return [...files.keys()]
    .map((path) => program.getSourceFile(path)!)
    .flatMap((file) => [
      ...program.getSyntacticDiagnostics(file),
      ...program.getSemanticDiagnostics(file),
    ])
    .map(({ file, start, messageText }) => {
      const { line } = file!.getLineAndCharacterOfPosition(start ?? 0);
      const place = `${relative(root, file!.fileName)}:${line + 1}`;
      return `${place} ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
    });
}

/** What the compiler knows about the exports of an entry. */
export class LibraryTypes {
  private readonly index: ts.SourceFile;
  private readonly checker: ts.TypeChecker;

  constructor(entry = 'src/index.ts') {
    const path = join(root, entry);
    const program = createProgram(new Map([[path, ts.sys.readFile(path)!]]));
    this.index = program.getSourceFile(path)!;
    this.checker = program.getTypeChecker();
  }

  /** Every export by its name, followed to where it is declared. */
  exports(): Map<string, ts.Symbol> {
    const symbols = this.checker.getExportsOfModule(this.checker.getSymbolAtLocation(this.index)!);
    return new Map(
      symbols.map((symbol) => [
        symbol.name,
        symbol.flags & ts.SymbolFlags.Alias ? this.checker.getAliasedSymbol(symbol) : symbol,
      ]),
    );
  }

  /** The text of a symbol's doc comment. */
  comment(symbol: ts.Symbol): string {
    return ts.displayPartsToString(symbol.getDocumentationComment(this.checker)).trim();
  }

  /** What the doc comment gives as `@default`. */
  defaultOf(symbol: ts.Symbol): string | undefined {
    const tag = symbol.getJsDocTags(this.checker).find(({ name }) => name === 'default');
    return tag && ts.displayPartsToString(tag.text);
  }

  /**
   * The properties of an exported interface; those of an interface named `…Options` in turn, with their path, also where it
   * can be switched off by something else in its place.
   */
  properties(name: string): Map<string, ts.Symbol> {
    const type = this.checker.getDeclaredTypeOfSymbol(this.exports().get(name)!);
    return new Map(this.walk(type, ''));
  }

  private walk(type: ts.Type, path: string): [string, ts.Symbol][] {
    return type.getProperties().flatMap((property): [string, ts.Symbol][] => {
      const own = this.checker.getNonNullableType(this.checker.getTypeOfSymbol(property));
      const members = own.isUnion() ? own.types : [own];
      const group = members.find(({ symbol }) => symbol?.name.endsWith('Options'));
      const nested = group ? this.walk(group, `${path}${property.name}.`) : [];
      return [[`${path}${property.name}`, property], ...nested];
    });
  }
}
