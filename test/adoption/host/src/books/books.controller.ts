import { Body, Controller, Get, Post, Req, UseGuards } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { Book } from './book.entity';

interface Reader {
  user: { id: number };
}

@Controller('books')
export class BooksController {
  constructor(@InjectRepository(Book) private readonly books: Repository<Book>) {}

  @Get()
  @UseGuards(AuthGuard('jwt'))
  list(@Req() { user }: Reader) {
    return this.books.find({ where: { userId: user.id }, order: { isbn: 'ASC' } });
  }

  @Post()
  @UseGuards(AuthGuard('jwt'))
  async add(@Req() { user }: Reader, @Body() { isbn, page }: { isbn: string; page: number }) {
    await this.books.upsert({ userId: user.id, isbn, page }, ['userId', 'isbn']);
    return this.books.findOneByOrFail({ userId: user.id, isbn });
  }
}
