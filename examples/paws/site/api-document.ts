import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';

/** `/docs-json`: what the app can do, for machines. `/docs` shows it to people. */
export function serveApiDocument(app: INestApplication): void {
  const about = new DocumentBuilder()
    .setTitle('Paws')
    .setDescription('Dog-friendly places, with guests by nestjs-anonymous')
    .setVersion('1.0')
    .build();
  SwaggerModule.setup('docs', app, () => SwaggerModule.createDocument(app, about), {
    ui: false,
    raw: ['json'],
  });
}
