/** The version of the product, from package.json: the bundler copies it into the image's program. */
import manifest from '../package.json' with { type: 'json' };

export const VERSION: string = manifest.version;
