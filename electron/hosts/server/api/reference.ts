import { createHash } from 'node:crypto';

const SCRIPT = `
SwaggerUIBundle({
  url: 'openapi.json',
  dom_id: '#swagger-ui',
  // It has no token, and should not be given one.
  supportedSubmitMethods: [],
  docExpansion: 'none',
  validatorUrl: null,
});
`;

/** What the page loads. */
export const referenceParts: readonly string[] = ['/swagger-ui.css', '/swagger-ui-bundle.js'];

/** A page that shows the OpenAPI document, with nothing from another place. */
export const referencePage = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Terrarium API</title>
<link rel="stylesheet" href="docs/swagger-ui.css">
<style>.scheme-container { display: none }</style>
</head>
<body>
<div id="swagger-ui"></div>
<script src="docs/swagger-ui-bundle.js"></script>
<script>${SCRIPT}</script>
</body>
</html>
`;

/** Swagger UI writes styles into its elements, and has pictures in them. */
export const referencePolicy = [
  "default-src 'none'",
  `script-src 'self' 'sha256-${createHash('sha256').update(SCRIPT).digest('base64')}'`,
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');
