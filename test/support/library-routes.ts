import { RequestMethod, type Type } from '@nestjs/common';
import { getMetadataStorage } from 'class-validator';
import { AnonymousModule } from '../../src/index.js';
import { Access, type AccessLevel } from '../../src/auth/requests/access-level.js';
import { TakesForm } from '../../src/auth/requests/auth-route.js';
import { SECRET } from './test-app.js';

/** What a field of a body or query must be. `text`: a string, whatever is in it. */
export type FieldKind =
  'address' | 'password' | 'line' | 'picture' | 'redirect' | 'flag' | 'id' | 'choice' | 'text';

export interface Field {
  readonly name: string;
  readonly kind: FieldKind;
  readonly isRequired: boolean;
  /** It may be absent where another field says as much. */
  readonly hasAlternative: boolean;
  /** The empty text stands for none. */
  readonly mayBeEmpty: boolean;
  /** The most characters that a `text` or `line` may have. */
  readonly longest: number | undefined;
}

/** A route of the library, as its controller declares it. */
export interface LibraryRoute {
  readonly method: string;
  /** With its parameters: `/auth/links/:id`. */
  readonly path: string;
  readonly access: AccessLevel;
  /** Beside JSON it takes the form of a page of ours. */
  readonly takesForm: boolean;
  /** `undefined`: the route has no body. */
  readonly body: readonly Field[] | undefined;
  readonly query: readonly Field[] | undefined;
}

/** Numbers that Nest gives to the kinds of parameters. */
const [BODY, QUERY] = [3, 4];
/** By the name of the rule that says most about a field; the first that it has counts. */
const KINDS: Readonly<Record<string, FieldKind>> = {
  isEmailAddress: 'address',
  isHashable: 'password',
  isCleanText: 'line',
  isUrl: 'picture',
  isRedirect: 'redirect',
  isBoolean: 'flag',
  isUuid: 'id',
  isIn: 'choice',
  matches: 'choice',
  isSignIn: 'choice',
};

/** Rules that end with the most characters of a field. */
const LENGTHS: readonly string[] = ['maxLength', 'isLength', 'isCleanText'];

/** Every route of the library, read from what it registers, so that a new one is here by itself. */
export const libraryRoutes: readonly LibraryRoute[] = (
  AnonymousModule.forRoot({ secret: SECRET, baseUrl: 'https://app.example' }).controllers ?? []
).flatMap(routesOf);

function routesOf(controller: Type): LibraryRoute[] {
  const prefix = String(Reflect.getMetadata('path', controller));
  const handlers = Object.getOwnPropertyNames(controller.prototype).filter(
    (name) => name !== 'constructor',
  );
  return handlers.flatMap((name) => {
    const handler = Reflect.get(controller.prototype as object, name) as object;
    const path = Reflect.getMetadata('path', handler) as string | string[] | undefined;
    if (path === undefined) return [];
    const route = {
      method: RequestMethod[Reflect.getMetadata('method', handler) as RequestMethod],
      access: (Reflect.getMetadata(Access.KEY, handler) ?? 'public') as AccessLevel,
      takesForm: Reflect.getMetadata(TakesForm.KEY, handler) === true,
      body: fieldsOf(controller, name, BODY),
      query: fieldsOf(controller, name, QUERY),
    };
    return [path].flat().map((end) => ({ ...route, path: joined('auth', prefix, end) }));
  });
}

function joined(...parts: string[]): string {
  return `/${parts
    .flatMap((part) => part.split('/'))
    .filter((part) => part !== '')
    .join('/')}`;
}

/** The DTO is known to the pipe alone: the type of the parameter hides it from the host's pipes. */
function fieldsOf(controller: Type, handler: string, kind: number): Field[] | undefined {
  const parameters = (Reflect.getMetadata('__routeArguments__', controller, handler) ??
    {}) as Record<string, { readonly pipes: readonly { readonly dto?: Type }[] }>;
  const [, parameter] =
    Object.entries(parameters).find(([key]) => key.startsWith(`${kind}:`)) ?? [];
  const dto = parameter?.pipes.find((pipe) => pipe.dto !== undefined)?.dto;
  return dto && fieldsOfDto(dto);
}

function fieldsOfDto(dto: Type): Field[] {
  const rules = getMetadataStorage().getTargetValidationMetadatas(dto, '', false, false);
  const names = [...new Set(rules.map(({ propertyName }) => propertyName))];
  return names.map((name) => {
    const own = rules.filter(({ propertyName }) => propertyName === name);
    const kind = Object.keys(KINDS).find((rule) => own.some((one) => one.name === rule));
    const length = own.find(({ name: rule }) => LENGTHS.includes(rule ?? ''));
    const isOptional = own.some((rule) => rule.name === 'isOptional');
    const isConditional = own.some(
      ({ type, name: rule }) => type === 'conditionalValidation' && rule !== 'isOptional',
    );
    return {
      name,
      kind: KINDS[kind ?? ''] ?? 'text',
      isRequired: !isOptional && !isConditional,
      hasAlternative: !isOptional && isConditional,
      mayBeEmpty: isOptional && isConditional,
      longest: length?.constraints.at(-1) as number | undefined,
    };
  });
}
