import { createRoot, hydrateRoot } from "react-dom/client";
import { Shop } from "./shop";

const root = document.getElementById("app")!;
const shop = <Shop tokens={root.dataset.tokens!.split(" ")} />;
if (root.childElementCount) hydrateRoot(root, shop);
else createRoot(root).render(shop);
