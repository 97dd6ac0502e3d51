export function Logo() {
  return (
    <svg width="22" height="22" viewBox="0 0 32 32" aria-hidden="true" className="shrink-0">
      <rect x="1" y="1" width="30" height="30" rx="7" fill="#12261c" />
      <path
        d="M8 12c0-4 3.6-7 8-7s8 3 8 7v11a4 4 0 0 1-4 4h-8a4 4 0 0 1-4-4z M8.500 22.500h15"
        fill="none"
        stroke="#7ee2a8"
        strokeWidth="2"
      />
      <path
        d="M16 23v-7m0 2c-3 0-4.500-1.600-4.500-4 3 0 4.500 1.500 4.500 4zm0-2c0-2.600 1.600-4.200 4.500-4.200 0 2.800-1.700 4.200-4.500 4.200z"
        fill="#3fbf78"
        stroke="#7ee2a8"
        strokeWidth="1.4"
        strokeLinejoin="round"
      />
    </svg>
  );
}
