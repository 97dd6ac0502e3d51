/** The name under which the desktop host hands its page a MessagePort, over IPC and then as a window message. */
export const DESKTOP_PORT = 'terrarium:port';
