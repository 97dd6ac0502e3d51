/** Run in Python when it has started, and then kept in its snapshot: a command line as CPython takes it, and a console. Names begin with `_terrarium`. */
export const BOOTSTRAP = String.raw`
def _terrarium_begin(environment):
    # What was kept from an earlier start: its environment, and the state of chance.
    import os, sys
    os.environ.clear()
    os.environ.update(environment)
    # In CPython's order: what the user names, the standard library, what was installed.
    sys.path[:] = [*filter(None, os.environ.get('PYTHONPATH', '').split(':')), *sys.path, '/workspace/.site-packages']
    if 'random' in sys.modules: sys.modules['random'].seed()
    import time, _terrarium
    def sleep(seconds):
        if seconds < 0: raise ValueError('sleep length must be non-negative')
        left = seconds * 1000
        # In parts, so that Ctrl+C is heard in between.
        while left > 0:
            _terrarium.sleep(min(left, 100))
            left -= 100
    sleep.__doc__ = time.sleep.__doc__
    time.sleep = sleep
    os.get_terminal_size = lambda fd=1: os.terminal_size((_terrarium.columns(), _terrarium.rows()))

def _terrarium_main(argv):
    import sys, runpy, traceback
    def ended(error):
        code = error.code
        if code is None: return 0
        if isinstance(code, int): return code & 0xff
        print(code, file=sys.stderr)
        return 1
    def run():
        program, *rest = argv
        if rest and rest[0] in ('-V', '--version'):
            print('Python ' + sys.version.split()[0])
        elif rest and rest[0] == '-c':
            if len(rest) < 2:
                print('usage: python [-c code | -m module | file | -] [arguments]', file=sys.stderr)
                return 2
            sys.argv = ['-c', *rest[2:]]
            sys.path.insert(0, '')
            import __main__
            exec(compile(rest[1], '<string>', 'exec'), __main__.__dict__)
        elif rest and rest[0] == '-m':
            sys.argv = rest[1:]
            sys.path.insert(0, '')
            runpy.run_module(rest[1], run_name='__main__', alter_sys=True)
        elif rest and rest[0].startswith('-') and rest[0] != '-':
            print('python: unknown option ' + rest[0], file=sys.stderr)
            return 2
        elif rest and rest[0] != '-':
            import os
            sys.argv = rest
            if not os.path.exists(rest[0]):
                print("python: can't open file %r: [Errno 44] No such file or directory" % os.path.abspath(rest[0]), file=sys.stderr)
                return 2
            sys.path.insert(0, os.path.dirname(os.path.abspath(rest[0])))
            runpy.run_path(rest[0], run_name='__main__')
        else:
            sys.argv = ['-', *rest[1:]]
            sys.path.insert(0, '')
            import __main__
            exec(compile(sys.stdin.read(), '<stdin>', 'exec'), __main__.__dict__)
        return 0
    try:
        return run()
    except SystemExit as error:
        return ended(error)
    except BaseException as error:
        # From the guest's own first frame on.
        frame = error.__traceback__
        while frame and (frame.tb_frame.f_code.co_filename in ('<exec>', '<frozen runpy>')):
            frame = frame.tb_next
        traceback.print_exception(type(error), error, frame)
        return 1
    finally:
        for stream in (sys.stdout, sys.stderr):
            try: stream.flush()
            except Exception: pass

def _terrarium_console():
    import sys, code, __main__
    console = code.InteractiveConsole(__main__.__dict__, filename='<stdin>')
    sys.path.insert(0, '')
    sys.ps1, sys.ps2 = '>>> ', '... '
    def push(source):
        try:
            more = console.runsource(source, '<stdin>', 'single')
        except SystemExit as error:
            value = error.code
            if value is None: return 0
            if isinstance(value, int): return value & 0xff
            print(value, file=sys.stderr)
            return 1
        except KeyboardInterrupt:
            print('\nKeyboardInterrupt', file=sys.stderr)
            more = False
        sys.stdout.flush()
        sys.stderr.flush()
        return -1 if more else -2
    return push

def _terrarium_load_ahead():
    # What most programs need, or what runs them.
    import code, inspect, json, linecache, runpy, traceback, types
_terrarium_load_ahead()
`;

/** JSON is Python's own way to write text and lists, but for three words that are not in these. */
export const literal = (value: string | readonly string[]): string =>
  JSON.stringify(value).replace(/[\u2028\u2029\ud800-\udfff]/g, (each) => `\\u${each.charCodeAt(0).toString(16)}`);

/** To be run first, in every guest. */
export const beginning = (env: Readonly<Record<string, string>>): string =>
  `_terrarium_begin(dict([${literalPairs(env)}]))`;

export const literalPairs = (pairs: Readonly<Record<string, string>>): string =>
  Object.entries(pairs)
    .map((pair) => literal(pair))
    .join(', ');
