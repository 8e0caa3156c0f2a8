import type { Surroundings } from '../surroundings.ts'

/** Whether the machine says that this made it (SMBIOS, as Linux shows it): no network, and nothing on other systems. */
export async function firmwareSays(
  here: Surroundings,
  field: 'product_name' | 'sys_vendor',
  makers: readonly string[],
): Promise<boolean> {
  try {
    const text = await here.readFile(`/sys/class/dmi/id/${field}`)
    return text !== undefined && makers.includes(text.trim())
  } catch {
    return false
  }
}
