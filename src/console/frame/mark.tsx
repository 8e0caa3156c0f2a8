/** A signature under a line: the paper is somebody else's. */
export const Mark = ({ size }: { size: number }) => (
  <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden focusable={false}>
    <rect width="32" height="32" rx="7" fill="#1f4fd8" />
    <path
      d="M8 20.5c3-8 6-11 7.5-9.5s-3 6.500-1.500 8 3.500-3 5-3-.5 3 1 3.500 2.500-.5 4-2"
      fill="none"
      stroke="#fff"
      strokeWidth="2.400"
      strokeLinecap="round"
      strokeLinejoin="round"
    />
    <path d="M8 25h16" stroke="#9db8ff" strokeWidth="2" strokeLinecap="round" />
  </svg>
)
