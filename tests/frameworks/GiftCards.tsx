import { useEffect, useRef } from "react";
import type { DetailedHTMLProps, HTMLAttributes, ReactNode } from "react";
import type { GiftwebChange, GiftwebCheckout, GiftwebCheckoutAttributes } from "./widget";

declare module "react" {
  namespace JSX {
    interface IntrinsicElements {
      "giftweb-checkout": DetailedHTMLProps<HTMLAttributes<GiftwebCheckout>, GiftwebCheckout> &
        GiftwebCheckoutAttributes;
    }
  }
}

type Props = {
  token: string;
  onChange: (change: GiftwebChange) => void;
  children?: ReactNode;
};

export function GiftCards({ token, onChange, children }: Props) {
  const element = useRef<GiftwebCheckout>(null);

  useEffect(() => {
    const widget = element.current!;
    const change = (event: CustomEvent<GiftwebChange>) => onChange(event.detail);
    widget.addEventListener("giftweb:change", change);
    widget.refresh?.(); // in a page from the server it may have spoken before React listened
    return () => widget.removeEventListener("giftweb:change", change);
  }, [onChange]);

  return (
    <giftweb-checkout ref={element} token={token}>
      {children}
    </giftweb-checkout>
  );
}
