import { type ArgumentMetadata, Injectable, type Type, ValidationPipe } from '@nestjs/common';
import { getMetadataStorage, type ValidationError } from 'class-validator';
import { AnonymousException, type FieldError } from '../../common/errors.js';

const LONGEST_FIELD_NAME = 64;

/**
 * Validates the body or the query of one of our own routes against its DTO. Every field of ours is a scalar, so anything
 * nested is refused before a validator looks at it: deep nesting overflows the stack of the usual pipe. Our controllers
 * declare these parameters as `Readonly<Dto>`, which hides the class from a host's global pipe, so the answer always has
 * our code.
 */
@Injectable()
class ScalarsPipe extends ValidationPipe {
  /** A DTO without fields has nothing to say about a body without any. */
  private readonly hasFields: boolean;

  constructor(
    private readonly dto: Type,
    private readonly unused: readonly string[],
  ) {
    super({
      transform: true,
      whitelist: true,
      forbidNonWhitelisted: true,
      stopAtFirstError: true,
      exceptionFactory: (errors: ValidationError[]) => invalid(errors.map(fieldError)),
    });
    this.hasFields =
      getMetadataStorage().getTargetValidationMetadatas(dto, '', false, false).length > 0;
  }

  override transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    const body = value === undefined ? {} : value;
    if (typeof body !== 'object' || body === null || Array.isArray(body)) {
      throw invalid([{ field: '', messages: ['the body must be a JSON object'] }]);
    }
    const fields = Object.entries(body).filter(([name, field]) => !this.isUnused(name, field));
    const wrong = fields.filter(([name, field]) => !isScalar(name, field));
    if (wrong.length > 0) {
      throw invalid(wrong.map(([name]) => ({ field: short(name), messages: ['is not allowed'] })));
    }
    if (!this.hasFields && fields.length === 0) return Promise.resolve(new this.dto());
    return super.transform(Object.fromEntries(fields), { ...metadata, metatype: this.dto });
  }

  private isUnused(name: string, value: unknown): boolean {
    if (typeof value !== 'object' || value === null) return false;
    return this.unused.includes(Array.isArray(value) ? `${name}[]` : name);
  }
}

/**
 * The pipe for the body or query described by `dto`.
 * @param unused names of objects that clients may send, which mean nothing here: they are left out unseen. Those of lists
 * end in `[]`.
 */
export function fieldsOf(dto: Type, unused: readonly string[] = []): ValidationPipe {
  return new ScalarsPipe(dto, unused);
}

/** What every object has is a field of no DTO, though class-validator's whitelist takes it for one. */
function isScalar(name: string, value: unknown): boolean {
  const isPlain = value === null || typeof value !== 'object';
  return isPlain && name !== 'prototype' && !(name in Object.prototype);
}

function fieldError({ property, constraints }: ValidationError): FieldError {
  const messages = constraints?.whitelistValidation
    ? ['is not allowed']
    : Object.values(constraints ?? {});
  return { field: short(property), messages };
}

/** A field that we do not know is named by the client, so its name may be as long as the body. */
function short(name: string): string {
  return name.slice(0, LONGEST_FIELD_NAME);
}

function invalid(errors: readonly FieldError[]): AnonymousException {
  return new AnonymousException('VALIDATION_FAILED', { errors });
}
