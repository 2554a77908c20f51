export { AnonymousModule as LibraryOfFeatures } from 'nestjs-anonymous';
