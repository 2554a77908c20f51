import { Module } from '@nestjs/common';
import { JwtModule } from '@nestjs/jwt';
import { TypeOrmModule } from '@nestjs/typeorm';
import { JwtStrategy } from './auth/jwt.strategy';
import { AuthController } from './auth/auth.controller';
import { Book } from './books/book.entity';
import { BooksController } from './books/books.controller';
import { migrations } from './migrations';
import { User } from './users/user.entity';

@Module({
  imports: [
    TypeOrmModule.forRoot({
      type: 'postgres',
      url: process.env.DATABASE_URL,
      entities: [User, Book],
      migrations,
      migrationsRun: true,
    }),
    TypeOrmModule.forFeature([User, Book]),
    JwtModule.register({ secret: process.env.JWT_SECRET, signOptions: { expiresIn: '1h' } }),
  ],
  controllers: [AuthController, BooksController],
  providers: [JwtStrategy],
})
export class AppModule {}
