import { Body, ConflictException, Controller, Post, UnauthorizedException } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { InjectRepository } from '@nestjs/typeorm';
import * as argon2 from 'argon2';
import { Repository } from 'typeorm';
import { User } from '../users/user.entity';

interface Credentials {
  email: string;
  password: string;
}

@Controller()
export class AuthController {
  constructor(
    @InjectRepository(User) private readonly users: Repository<User>,
    private readonly jwt: JwtService,
  ) {}

  @Post('register')
  async register(@Body() { email, password }: Credentials) {
    if (await this.users.existsBy({ email })) throw new ConflictException();
    const user = this.users.create({ email, passwordHash: await argon2.hash(password) });
    return this.tokenFor(await this.users.save(user));
  }

  @Post('login')
  async login(@Body() { email, password }: Credentials) {
    const user = await this.users.findOneBy({ email });
    const isRight = user?.passwordHash && (await argon2.verify(user.passwordHash, password));
    if (!user || !isRight) throw new UnauthorizedException();
    return this.tokenFor(user);
  }

  private tokenFor({ id }: User) {
    return { userId: id, accessToken: this.jwt.sign({}, { subject: String(id) }) };
  }
}
