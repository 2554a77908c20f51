import { ApiProperty } from '@nestjs/swagger';
import { registerDecorator } from 'class-validator';
import { IsEmailAddress } from '../../users/email-address.js';

/** What else better-auth's client can ask for a code, and the route that does it here, by a link. */
const BY_LINK: ReadonlyMap<unknown, string> = new Map([
  ['email-verification', 'send-verification-email'],
  ['forget-password', 'request-password-reset'],
  ['change-email', 'change-email'],
]);

export class SendEmailOtpDto {
  @ApiProperty({ example: 'ada@example.com' })
  @IsEmailAddress()
  email!: string;

  @ApiProperty({ enum: ['sign-in'] })
  @IsSignIn()
  type!: string;
}

function IsSignIn(): PropertyDecorator {
  return (target, property) =>
    registerDecorator({
      name: 'isSignIn',
      target: target.constructor,
      propertyName: String(property),
      validator: {
        validate: (type) => type === 'sign-in',
        defaultMessage: (context) => {
          const route = BY_LINK.get(context?.value);
          const elsewhere = route ? `. POST ${route} mails a link for this` : '';
          return `$property must be sign-in${elsewhere}`;
        },
      },
    });
}
