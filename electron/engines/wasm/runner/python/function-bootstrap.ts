/** Run in Python after `beginning`: it loads a function's code, and calls it. What each gives is `done` or `failed`, a line's end, and JSON. */
export const FUNCTION_BOOTSTRAP = String.raw`
def _terrarium_failed(error):
    import json, traceback
    frame = error.__traceback__
    # From the code's own first frame on.
    while frame and frame.tb_frame.f_code.co_filename != 'function.py': frame = frame.tb_next
    stack = ''.join(traceback.format_exception(type(error), error, frame))
    return 'failed\n' + json.dumps({'name': type(error).__name__, 'message': str(error), 'stack': stack})

def _terrarium_flush():
    import sys
    for stream in (sys.stdout, sys.stderr):
        try: stream.flush()
        except Exception: pass

def _terrarium_load(source, name):
    import linecache, sys, types
    module = types.ModuleType('function')
    module.__file__ = 'function.py'
    sys.modules['function'] = module
    linecache.cache['function.py'] = (len(source), None, source.splitlines(True), 'function.py')
    try:
        exec(compile(source, 'function.py', 'exec'), module.__dict__)
        handler = module.__dict__.get(name)
        if not callable(handler): raise TypeError('the code defines no function ' + name)
    except BaseException as error:
        return _terrarium_failed(error)
    finally:
        _terrarium_flush()
    global _terrarium_handler
    _terrarium_handler = handler
    return 'done\n'

async def _terrarium_invoke(payload, env):
    import inspect, json, types
    try:
        result = _terrarium_handler(json.loads(payload), types.SimpleNamespace(env=env))
        if inspect.isawaitable(result): result = await result
        return 'done\n' + json.dumps(result, allow_nan=False)
    except BaseException as error:
        return _terrarium_failed(error)
    finally:
        _terrarium_flush()
`;
