export { ExpressAdapter as Adapter } from '@nestjs/platform-express';
