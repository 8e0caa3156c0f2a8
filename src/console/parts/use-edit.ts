import { type UseFormReturnType, useForm } from '@mantine/form'
import { useEffect, useRef } from 'react'
import { useDeed } from '../wire/deeds.ts'
import { fieldErrors } from '../wire/field-errors.ts'
import { useTagged } from '../wire/objects.ts'
import { api } from '../wire/request.ts'

type Options<T, V> = {
  path: string
  /** How the form begins. */
  valuesOf: (object: T) => V
  /** What is sent; `was`: as it was when the form began. */
  bodyOf: (values: V, was: T) => unknown
  force?: boolean
  says: (object: T) => string
  onDone: (object: T) => void
  empty: V
  /** Which field a reason of the service speaks of. */
  fieldOf?: Record<string, string>
}

/** The state of a form that changes one object, with If-Match: what somebody else changed meanwhile is not written over. */
export function useEdit<T, V extends Record<string, unknown>>(options: Options<T, V>) {
  const { path, valuesOf, bodyOf, force = false, says, onDone, empty, fieldOf } = options
  const read = useTagged<T>(path)
  const form: UseFormReturnType<V> = useForm<V>({ initialValues: empty })
  /** What the form began with. What is read in the background later does not change what somebody is typing. */
  const begun = useRef<{ value: T; etag: string | undefined }>(undefined)
  const begin = (from: { value: T; etag: string | undefined }) => {
    begun.current = from
    const values = valuesOf(from.value)
    form.setInitialValues(values)
    form.setValues(values)
    form.clearErrors()
  }
  const { data } = read
  // biome-ignore lint/correctness/useExhaustiveDependencies: it begins once, when what is changed has been read
  useEffect(() => {
    if (data && !begun.current && !read.isStale) begin(data)
  }, [data, read.isStale])
  const deed = useDeed(
    (values: V) => {
      const { value, etag } = begun.current as { value: T; etag: string | undefined }
      return api.patch<T>(path, bodyOf(values, value), force ? { force: 'true' } : {}, etag)
    },
    { says, onDone },
  )
  const submit = form.onSubmit((values) =>
    deed.mutate(values, { onError: (problem) => form.setErrors(fieldErrors(problem, fieldOf)) }),
  )
  const again = async () => {
    const { data: now } = await read.refetch()
    deed.reset()
    if (now) begin(now)
  }
  return {
    form,
    was: begun.current?.value,
    dialog: {
      unread: read.error,
      isLoading: begun.current === undefined,
      onSubmit: submit,
      isRunning: deed.isPending,
      error: deed.error,
      onAgain: () => void again(),
    },
  }
}
