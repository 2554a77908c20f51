import { IsEmail, Length } from 'class-validator';

export class CredentialsDto {
  @IsEmail()
  email!: string;

  @Length(8, 256)
  password!: string;
}
