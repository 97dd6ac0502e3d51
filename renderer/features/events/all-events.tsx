export function AllEvents({ onClose }: { readonly onClose: () => void }) {
  return (
    <button type="button" onClick={onClose}>
      AllEvents
    </button>
  );
}
