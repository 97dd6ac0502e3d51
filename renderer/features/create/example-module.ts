/**
 * A module of WASI preview 1 for the example: a sieve of Eratosthenes, 335 bytes. Its text, for wat2wasm of wabt:
 *
 *     (module
 *       (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
 *       (memory (export "memory") 1)
 *       (data (i32.const 64) "Hello from WebAssembly.\nPrimes below 1000000: ")
 *       (func $write (param $from i32) (param $length i32)
 *         (i32.store (i32.const 0) (local.get $from))
 *         (i32.store (i32.const 4) (local.get $length))
 *         (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))
 *       (func (export "_start") (local $n i32) (local $k i32) (local $count i32) (local $at i32)
 *         (drop (memory.grow (i32.const 16)))
 *         (call $write (i32.const 64) (i32.const 46))
 *         (local.set $n (i32.const 2))
 *         (loop $next
 *           (if (i32.eqz (i32.load8_u offset=65536 (local.get $n)))
 *             (then
 *               (local.set $count (i32.add (local.get $count) (i32.const 1)))
 *               (local.set $k (i32.shl (local.get $n) (i32.const 1)))
 *               (block $done
 *                 (loop $mark
 *                   (br_if $done (i32.ge_u (local.get $k) (i32.const 1000000)))
 *                   (i32.store8 offset=65536 (local.get $k) (i32.const 1))
 *                   (local.set $k (i32.add (local.get $k) (local.get $n)))
 *                   (br $mark)))))
 *           (local.set $n (i32.add (local.get $n) (i32.const 1)))
 *           (br_if $next (i32.lt_u (local.get $n) (i32.const 1000000))))
 *         (local.set $at (i32.const 47))
 *         (i32.store8 (i32.const 47) (i32.const 10))
 *         (loop $digit
 *           (local.set $at (i32.sub (local.get $at) (i32.const 1)))
 *           (i32.store8 (local.get $at) (i32.add (i32.const 48) (i32.rem_u (local.get $count) (i32.const 10))))
 *           (local.set $count (i32.div_u (local.get $count) (i32.const 10)))
 *           (br_if $digit (local.get $count)))
 *         (call $write (local.get $at) (i32.sub (i32.const 48) (local.get $at)))))
 */
const BASE64 =
  'AGFzbQEAAAABEQNgBH9/f38Bf2ACf38AYAAAAiMBFndhc2lfc25hcHNob3RfcHJldmlldzEIZmRfd3JpdGUAAAMDAgECBQMBAAEHEwIGbWVtb3J5' +
  'AgAGX3N0YXJ0AAIKtgECGwBBACAANgIAQQQgATYCAEEBQQBBAUEIEAAaC5cBAQR/QRBAABpBwABBLhABQQIhAANAIAAtAICABEUEQCACQQFqIQIg' +
  'AEEBdCEBAkADQCABQcCEPU8NASABQQE6AICABCABIABqIQEMAAsLCyAAQQFqIQAgAEHAhD1JDQALQS8hA0EvQQo6AAADQCADQQFrIQMgA0EwIAJB' +
  'CnBqOgAAIAJBCm4hAiACDQALIANBMCADaxABCws1AQBBwAALLkhlbGxvIGZyb20gV2ViQXNzZW1ibHkuClByaW1lcyBiZWxvdyAxMDAwMDAwOiA=';

export const exampleModule = (): File =>
  new File([Uint8Array.from(atob(BASE64), (character) => character.charCodeAt(0))], 'primes.wasm');
