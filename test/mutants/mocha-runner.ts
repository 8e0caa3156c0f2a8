/**
 * Stryker's mocha runner, with mocha 12: the runner asks for files inside mocha by names that had no ending before
 * mocha 12 (stryker-js#6205). When a later runner finds them by itself, this file goes and the plug-in is named plainly.
 */
import { registerHooks } from 'node:module'

registerHooks({
  resolve: (specifier, context, next) =>
    next(
      /\/mocha\/lib\/cli\/(run-helpers|options|collect-files)$/.test(specifier) ? `${specifier}.cjs` : specifier,
      context,
    ),
})

export const { strykerPlugins, strykerValidationSchema } = await import('@stryker-mutator/mocha-runner')
