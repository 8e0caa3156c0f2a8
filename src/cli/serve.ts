import { serve } from '../server/main.ts'
import { loadSettings } from '../server/settings.ts'
import { root } from './root.ts'

/** Runs the service until it is told to stop; resolves with the exit code. */
export const serveCommand = (): Promise<number> => serve(loadSettings(root))
