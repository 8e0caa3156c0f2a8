export const Palette = ({ onClose: _ }: { onClose: () => void }) => null
