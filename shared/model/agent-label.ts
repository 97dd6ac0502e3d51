/** On what an agent has made over MCP: who it is and its session, as `name/ab12cd34`. */
export const AGENT_LABEL = 'mcp.session';
