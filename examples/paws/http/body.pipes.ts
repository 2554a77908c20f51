import {
  type ArgumentMetadata,
  Injectable,
  type PipeTransform,
  ValidationPipe,
} from '@nestjs/common';
import type { ValidationError } from 'class-validator';
import { AnonymousException, type FieldError } from '../../../src/index.js';

/** Names that reach what every object inherits; the validation would overlook them. */
const INHERITED = ['__proto__', 'constructor', 'prototype'];

/**
 * Every body here is an object of plain values. Saying so before the validation keeps arrays out, which it would let
 * through, and deep nesting, which would overflow its stack.
 */
@Injectable()
class FlatBodyPipe implements PipeTransform {
  transform(value: unknown, { type, metatype }: ArgumentMetadata): unknown {
    const isOurs = type === 'body' && metatype !== undefined && metatype !== Object;
    if (!isOurs || value === undefined) return value;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw invalid([{ field: '', messages: ['the body must be a JSON object'] }]);
    }
    const wrong = Object.entries(value).filter(
      ([name, field]) => (typeof field === 'object' && field !== null) || INHERITED.includes(name),
    );
    if (wrong.length === 0) return value;
    throw invalid(wrong.map(([name]) => ({ field: short(name), messages: ['is not allowed'] })));
  }
}

/** The host's global pipes, whose errors look like those of the library. */
export const bodyPipes = (): PipeTransform[] => [
  new FlatBodyPipe(),
  new ValidationPipe({
    whitelist: true,
    forbidNonWhitelisted: true,
    transform: true,
    exceptionFactory: (errors: ValidationError[]) =>
      invalid(
        errors.map(({ property, constraints }) => ({
          field: short(property),
          messages: Object.keys(constraints ?? {}).includes('whitelistValidation')
            ? ['is not allowed']
            : Object.values(constraints ?? {}),
        })),
      ),
  }),
];

/** An unknown field is named by the client, at any length. */
function short(field: string): string {
  return field.slice(0, 60);
}

function invalid(errors: readonly FieldError[]): AnonymousException {
  return new AnonymousException('VALIDATION_FAILED', { errors });
}
