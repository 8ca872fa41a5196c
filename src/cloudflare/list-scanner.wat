;; Finds where a list of JSON ends, 64 bytes at a time: one bit a byte for each kind of byte that counts, after Langdale and Lemire,
;; "Parsing Gigabytes of JSON per Second" (2019). `list-scanner.ts` runs it; `npm run wasm` translates it.
(module
  ;; A window of 1 MiB, and a page that is read beyond it, where the last block is not full.
  (memory (export "memory") 17)

  ;; The address behind the list that begins at $at; 0 where it has no end before $end. The 63 bytes from $end on have to be zero.
  (func (export "endOfList") (param $at i32) (param $end i32) (result i32)
    (local $v0 v128) (local $v1 v128) (local $v2 v128) (local $v3 v128)
    (local $quotes i64) (local $backslashes i64) (local $within i64) (local $opens i64) (local $closes i64)
    ;; For the next block: whether its first byte is escaped (1) and whether it begins within a text (all bits).
    (local $escapes i64) (local $inText i64)
    (local $depth i64)
    (local $follows i64) (local $odd i64) (local $ends i64) (local $left i64) (local $bit i64)
    (block $noEnd
      (loop $block
        (br_if $noEnd (i32.ge_u (local.get $at) (local.get $end)))
        (local.set $v0 (v128.load (local.get $at)))
        (local.set $v1 (v128.load offset=16 (local.get $at)))
        (local.set $v2 (v128.load offset=32 (local.get $at)))
        (local.set $v3 (v128.load offset=48 (local.get $at)))
        (local.set $quotes
          (i64.or
            (i64.or
              (i64.extend_i32_u (i8x16.bitmask (i8x16.eq (local.get $v0) (i8x16.splat (i32.const 0x22)))))
              (i64.shl (i64.extend_i32_u (i8x16.bitmask (i8x16.eq (local.get $v1) (i8x16.splat (i32.const 0x22))))) (i64.const 16)))
            (i64.or
              (i64.shl (i64.extend_i32_u (i8x16.bitmask (i8x16.eq (local.get $v2) (i8x16.splat (i32.const 0x22))))) (i64.const 32))
              (i64.shl (i64.extend_i32_u (i8x16.bitmask (i8x16.eq (local.get $v3) (i8x16.splat (i32.const 0x22))))) (i64.const 48)))))
        (local.set $backslashes
          (i64.or
            (i64.or
              (i64.extend_i32_u (i8x16.bitmask (i8x16.eq (local.get $v0) (i8x16.splat (i32.const 0x5c)))))
              (i64.shl (i64.extend_i32_u (i8x16.bitmask (i8x16.eq (local.get $v1) (i8x16.splat (i32.const 0x5c))))) (i64.const 16)))
            (i64.or
              (i64.shl (i64.extend_i32_u (i8x16.bitmask (i8x16.eq (local.get $v2) (i8x16.splat (i32.const 0x5c))))) (i64.const 32))
              (i64.shl (i64.extend_i32_u (i8x16.bitmask (i8x16.eq (local.get $v3) (i8x16.splat (i32.const 0x5c))))) (i64.const 48)))))
        (if (i64.ne (i64.or (local.get $backslashes) (local.get $escapes)) (i64.const 0))
          (then
            ;; A backslash escapes what follows, unless it is escaped itself. Of a run that begins at an odd place, adding the beginning
            ;; to the run carries into the place behind it: there the parity of what is escaped turns.
            (local.set $backslashes
              (i64.and (local.get $backslashes) (i64.xor (local.get $escapes) (i64.const -1))))
            (local.set $follows
              (i64.or (i64.shl (local.get $backslashes) (i64.const 1)) (local.get $escapes)))
            (local.set $odd
              (i64.and
                (i64.and (local.get $backslashes) (i64.const 0xaaaaaaaaaaaaaaaa))
                (i64.xor (local.get $follows) (i64.const -1))))
            (local.set $ends (i64.add (local.get $odd) (local.get $backslashes)))
            (local.set $escapes (i64.extend_i32_u (i64.lt_u (local.get $ends) (local.get $backslashes))))
            ;; Escaped quotes neither begin a text nor end it.
            (local.set $quotes
              (i64.and
                (local.get $quotes)
                (i64.xor
                  (i64.const -1)
                  (i64.and
                    (local.get $follows)
                    (i64.xor (i64.const 0x5555555555555555) (i64.shl (local.get $ends) (i64.const 1)))))))))
        ;; The bits from each opening quote to the byte before the closing one.
        (local.set $within (local.get $quotes))
        (local.set $within (i64.xor (local.get $within) (i64.shl (local.get $within) (i64.const 1))))
        (local.set $within (i64.xor (local.get $within) (i64.shl (local.get $within) (i64.const 2))))
        (local.set $within (i64.xor (local.get $within) (i64.shl (local.get $within) (i64.const 4))))
        (local.set $within (i64.xor (local.get $within) (i64.shl (local.get $within) (i64.const 8))))
        (local.set $within (i64.xor (local.get $within) (i64.shl (local.get $within) (i64.const 16))))
        (local.set $within (i64.xor (local.get $within) (i64.shl (local.get $within) (i64.const 32))))
        (local.set $within (i64.xor (local.get $within) (local.get $inText)))
        (local.set $inText (i64.shr_s (local.get $within) (i64.const 63)))
        ;; Brackets and braces differ in one bit, and no other byte becomes one of them by setting it.
        (local.set $v0 (v128.or (local.get $v0) (i8x16.splat (i32.const 0x20))))
        (local.set $v1 (v128.or (local.get $v1) (i8x16.splat (i32.const 0x20))))
        (local.set $v2 (v128.or (local.get $v2) (i8x16.splat (i32.const 0x20))))
        (local.set $v3 (v128.or (local.get $v3) (i8x16.splat (i32.const 0x20))))
        (local.set $opens
          (i64.or
            (i64.or
              (i64.extend_i32_u (i8x16.bitmask (i8x16.eq (local.get $v0) (i8x16.splat (i32.const 0x7b)))))
              (i64.shl (i64.extend_i32_u (i8x16.bitmask (i8x16.eq (local.get $v1) (i8x16.splat (i32.const 0x7b))))) (i64.const 16)))
            (i64.or
              (i64.shl (i64.extend_i32_u (i8x16.bitmask (i8x16.eq (local.get $v2) (i8x16.splat (i32.const 0x7b))))) (i64.const 32))
              (i64.shl (i64.extend_i32_u (i8x16.bitmask (i8x16.eq (local.get $v3) (i8x16.splat (i32.const 0x7b))))) (i64.const 48)))))
        (local.set $opens (i64.and (local.get $opens) (i64.xor (local.get $within) (i64.const -1))))
        (local.set $closes
          (i64.or
            (i64.or
              (i64.extend_i32_u (i8x16.bitmask (i8x16.eq (local.get $v0) (i8x16.splat (i32.const 0x7d)))))
              (i64.shl (i64.extend_i32_u (i8x16.bitmask (i8x16.eq (local.get $v1) (i8x16.splat (i32.const 0x7d))))) (i64.const 16)))
            (i64.or
              (i64.shl (i64.extend_i32_u (i8x16.bitmask (i8x16.eq (local.get $v2) (i8x16.splat (i32.const 0x7d))))) (i64.const 32))
              (i64.shl (i64.extend_i32_u (i8x16.bitmask (i8x16.eq (local.get $v3) (i8x16.splat (i32.const 0x7d))))) (i64.const 48)))))
        (local.set $closes (i64.and (local.get $closes) (i64.xor (local.get $within) (i64.const -1))))
        ;; Fewer ends than the list is deep: it goes on behind this block.
        (if (i64.ge_s (i64.popcnt (local.get $closes)) (local.get $depth))
          (then
            (local.set $left (local.get $closes))
            (block $goesOn
              (loop $close
                (br_if $goesOn (i64.eqz (local.get $left)))
                (local.set $bit (i64.and (local.get $left) (i64.sub (i64.const 0) (local.get $left))))
                (local.set $left (i64.xor (local.get $left) (local.get $bit)))
                ;; As many ends up to here as beginnings.
                (if
                  (i64.eq
                    (i64.add
                      (local.get $depth)
                      (i64.popcnt (i64.and (local.get $opens) (i64.sub (local.get $bit) (i64.const 1)))))
                    (i64.sub (i64.popcnt (local.get $closes)) (i64.popcnt (local.get $left))))
                  (then
                    (return
                      (i32.add
                        (local.get $at)
                        (i32.add (i32.wrap_i64 (i64.ctz (local.get $bit))) (i32.const 1))))))
                (br $close)))))
        (local.set $depth
          (i64.sub
            (i64.add (local.get $depth) (i64.popcnt (local.get $opens)))
            (i64.popcnt (local.get $closes))))
        (local.set $at (i32.add (local.get $at) (i32.const 64)))
        (br $block)))
    (i32.const 0)))
