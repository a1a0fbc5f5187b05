// How wide a replay window is. RFC 4303 §3.4.3.

/** In packets. RFC 4303 §3.4.3: a minimum window size of 32 packets MUST be supported. The other bound is what can be configured. */
export const replayWindowLimits = { narrowest: 32, widest: 8192 } as const
