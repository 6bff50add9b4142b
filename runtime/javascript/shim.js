(function (host, inputs) {
  "use strict";
  const global = globalThis;
  const HANDLE = Symbol("handle");
  const ask = function (what, handle, name, args) {
    const answer = JSON.parse(host(what, handle, name, JSON.stringify(args === undefined ? [] : args.map(sent))));
    if (answer.e !== undefined) { throw failure(answer); }
    return received(answer.v);
  };
  const failure = function (answer) {
    const error = new Error(answer.m === null ? "" : answer.m);
    error.name = answer.e;
    const methods = {
      getMessage: function () { return answer.m; },
      getLocalizedMessage: function () { return answer.m; },
      getCause: function () { return null; },
      printStackTrace: function () { return undefined; },
      toString: function () { return answer.m === null ? answer.e : answer.e + ": " + answer.m; }
    };
    for (const name of Object.keys(methods)) { Object.defineProperty(error, name, { value: methods[name] }); }
    return error;
  };
  const sent = function (value) {
    if (value === undefined || value === null) { return null; }
    if (typeof value === "number") { return Number.isInteger(value) && !Object.is(value, -0) ? value : { d: String(value) }; }
    if (typeof value === "string" || typeof value === "boolean") { return value; }
    if (value[HANDLE] !== undefined) { return { h: value[HANDLE] }; }
    if (value instanceof String || value instanceof Number || value instanceof Boolean) { return sent(value.valueOf()); }
    if (Array.isArray(value)) { return { a: value.map(sent) }; }
    if (typeof value === "function" || value instanceof Date) { throw new TypeError("a function or date of JavaScript cannot be given to Java"); }
    return { o: Object.keys(value).map(function (key) { return [key, sent(value[key])]; }) };
  };
  const received = function (value) {
    if (value === null || typeof value !== "object") { return value; }
    if (value.h !== undefined) { return wrapped(value.h, value.m); }
    if (value.u !== undefined) { return undefined; }
    if (value.l !== undefined) { return value.l.map(received); }
    return Number(value.d);
  };
  const primitive = function (handle, hint) {
    const text = ask("text", handle, "");
    return hint === "number" && ask("number", handle, "") ? Number(text) : text;
  };
  const wrapped = function (handle, methods) {
    const known = new Set(methods);
    return new Proxy({}, {
      get: function (target, name) {
        if (name === HANDLE) { return handle; }
        if (name === Symbol.toPrimitive) { return function (hint) { return primitive(handle, hint); }; }
        if (name === Symbol.iterator) { return function () { return ask("items", handle, "").values(); }; }
        if (typeof name === "symbol") { return undefined; }
        if (name === "toString") { return function () { return ask("text", handle, ""); }; }
        if (name === "toJSON") { return undefined; }
        if (known.has(name)) { return function () { return ask("call", handle, name, Array.from(arguments)); }; }
        return ask("get", handle, name);
      },
      set: function (target, name, value) { ask("set", handle, name, [value]); return true; },
      has: function (target, name) { return typeof name === "string" && (known.has(name) || ask("has", handle, name)); },
      ownKeys: function () { return ask("keys", handle, ""); },
      getOwnPropertyDescriptor: function (target, name) {
        return { value: ask("get", handle, name), enumerable: true, configurable: true, writable: true };
      }
    });
  };
  const typeNamed = function (name) {
    const simple = name.split(".").pop();
    const members = JSON.parse(host("class", 0, simple, "[]"));
    if (members.e !== undefined) { throw failure({ e: "java.lang.ClassNotFoundException", m: name }); }
    return new Proxy(function () { return undefined; }, {
      construct: function (target, args) {
        const made = ask("new", 0, simple, args);
        return made !== null && typeof made === "object" ? made : Object(made);
      },
      get: function (target, member) {
        if (member === Symbol.hasInstance) {
          return function (value) { return value !== null && typeof value === "object" && value[HANDLE] !== undefined && ask("is", value[HANDLE], simple); };
        }
        if (member === "class") { return name; }
        if (typeof member === "symbol" || member === "prototype") { return target[member]; }
        if (members.methods.indexOf(member) >= 0) { return function () { return ask("static", 0, simple + "." + member, Array.from(arguments)); }; }
        return ask("constant", 0, simple + "." + member);
      }
    });
  };
  const packaged = function (path) {
    return new Proxy(function () { return undefined; }, {
      get: function (target, name) {
        if (name === HANDLE) { return undefined; }
        if (typeof name === "symbol") { return undefined; }
        return /^[A-Z]/.test(name) ? typeNamed(path + "." + name) : packaged(path === "" ? name : path + "." + name);
      }
    });
  };
  const hidden = function (name, value) {
    Object.defineProperty(global, name, { value: value, writable: true, configurable: true, enumerable: false });
  };
  for (const root of ["java", "javax", "com", "org"]) { hidden(root, packaged(root)); }
  hidden("Packages", packaged(""));
  hidden("Java", {
    type: typeNamed,
    from: function (value) { return Array.from(ask("items", value[HANDLE], "")); },
    to: function (value) { return value; }
  });
  hidden("load", function (what) {
    if (String(what).indexOf("nashorn:") !== 0) { throw new TypeError("only nashorn:… is loaded"); }
  });
  hidden("importClass", function () { return undefined; });
  hidden("importPackage", function () { return undefined; });
  hidden("print", function () { host("print", 0, Array.from(arguments).map(String).join(" "), "[]"); });
  const named = JSON.parse(inputs);
  for (const name of Object.keys(named.classes)) { hidden(name, typeNamed(named.classes[name])); }
  for (const name of Object.keys(named.values)) { global[name] = received(named.values[name]); }
  const strings = {
    equals: function (other) { return other !== null && other !== undefined && String(this) === String(other); },
    equalsIgnoreCase: function (other) { return other !== null && other !== undefined && String(this).toLowerCase() === String(other).toLowerCase(); },
    isEmpty: function () { return this.length === 0; },
    contains: function (part) { return this.indexOf(String(part)) >= 0; }
  };
  for (const name of ["getBytes", "matches", "replaceFirst", "compareTo", "compareToIgnoreCase", "hashCode", "toCharArray"]) {
    strings[name] = function () { return ask("string", 0, name, [String(this)].concat(Array.from(arguments))); };
  }
  strings.replaceAll = function (pattern, replacement) {
    return ask("string", 0, "replaceAll", [String(this), String(pattern), String(replacement)]);
  };
  for (const name of Object.keys(strings)) {
    Object.defineProperty(String.prototype, name, { value: strings[name], writable: true, configurable: true });
  }
  const described = function (error) {
    if (error === null) { return JSON.stringify({ text: null, stack: "" }); }
    let text, stack = "";
    try {
      text = String(error);
      stack = error instanceof Error ? String(error.stack) : "";
    } catch (other) { text = "an error that cannot be told"; }
    return JSON.stringify({ text: text, stack: stack });
  };
  const read = function (name) {
    const value = global[name];
    if (value === undefined) { return JSON.stringify({ u: 1 }); }
    const plain = value !== null && typeof value === "object" && value[HANDLE] === undefined;
    return JSON.stringify(sent(plain || typeof value === "function" ? String(value) : value));
  };
  const everywhere = eval;
  return function (what, given) {
    try {
      if (what === "read") { return read(given); }
      everywhere(given);
      return "null";
    } catch (error) { return described(error); }
  };
})
