import { renderToString } from "react-dom/server";
import { Shop } from "./shop";

export const render = (tokens: string[]) => renderToString(<Shop tokens={tokens} />);
