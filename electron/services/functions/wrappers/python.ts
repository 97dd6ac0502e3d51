/** Runs a handler once in a fresh Python. Standard input and output are as for JavaScript. */
export const pythonWrapper = String.raw`
import sys
def _run():
    import json, os, traceback, linecache, inspect, types
    data = sys.stdin.buffer.read()
    head, _, payload = data.partition(b"\n")
    request = json.loads(head)
    code, name = request["code"], request["handler"]
    out = os.dup(1)
    sys.stdin = open(os.devnull)
    try:
        import resource
        usage = lambda: resource.getrusage(resource.RUSAGE_SELF)
    except ImportError:
        usage = lambda: None
    begin = usage()
    def done(envelope, result=b""):
        now = usage()
        envelope["cpuMs"] = now and (now.ru_utime + now.ru_stime - begin.ru_utime - begin.ru_stime) * 1000
        envelope["peakMemoryBytes"] = now and now.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except Exception:
                pass
        text = ("\x1e" + request["marker"] + "\n" + json.dumps(envelope) + "\n").encode() + result
        while text:
            text = text[os.write(out, text):]
        os._exit(0)
    file = "function.py"
    linecache.cache[file] = (len(code), None, code.splitlines(True), file)
    try:
        # A module of that name, for what looks up where a class is from (pickle, dataclasses).
        module = types.ModuleType("function")
        module.__file__ = file
        sys.modules["function"] = module
        exec(compile(code, file, "exec"), module.__dict__)
        handler = getattr(module, name, None)
        if not callable(handler):
            raise NameError("The code has no function " + name)
        if request["check"]:
            done({"type": "loaded"})
        begin = usage()
        value = handler(json.loads(payload), types.SimpleNamespace(env=request["env"]))
        if inspect.isawaitable(value):
            import asyncio
            async def wait():
                return await value
            value = asyncio.run(wait())
        result = json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")
        if len(result) > request["most"]:
            done({"type": "tooLarge"})
    except BaseException as error:
        frames = error.__traceback__.tb_next
        line = error.lineno if isinstance(error, SyntaxError) else None
        if line is None:
            for frame in traceback.extract_tb(frames):
                if frame.filename == file:
                    line = frame.lineno
        stack = "".join(traceback.format_exception(type(error), error, frames))
        threw = {"type": "threw", "name": type(error).__name__, "message": str(error)[:8192], "line": line}
        done({**threw, "stack": stack[-16384:]})
    done({"type": "returned"}, result)
_run()
`;
