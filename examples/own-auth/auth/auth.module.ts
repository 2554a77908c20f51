import { Module } from '@nestjs/common';
import { JwtModule } from '@nestjs/jwt';
import { PassportModule } from '@nestjs/passport';
import { MembersModule } from '../members/members.module.js';
import { OWN_AUTH_OPTIONS, type OwnAuthOptions } from '../own-auth.options.js';
import { AuthController } from './auth.controller.js';
import { JwtStrategy } from './jwt.strategy.js';
import { LocalStrategy } from './local.strategy.js';

@Module({
  imports: [
    PassportModule,
    MembersModule,
    JwtModule.registerAsync({
      inject: [OWN_AUTH_OPTIONS],
      useFactory: ({ jwtSecret }: OwnAuthOptions) => ({
        secret: jwtSecret,
        signOptions: { expiresIn: '15m' },
      }),
    }),
  ],
  controllers: [AuthController],
  providers: [LocalStrategy, JwtStrategy],
})
export class AuthModule {}
