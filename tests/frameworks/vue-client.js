import { createApp, createSSRApp } from "vue";
import Shop from "./Shop.vue";

const root = document.getElementById("app");
const create = root.childElementCount ? createSSRApp : createApp;
create(Shop, { tokens: root.dataset.tokens.split(" ") }).mount(root);
