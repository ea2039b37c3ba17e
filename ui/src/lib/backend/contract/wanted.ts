import type { ContactView, TransferView } from './generated';

export type Contact = ContactView;

export type Transfer = TransferView;
