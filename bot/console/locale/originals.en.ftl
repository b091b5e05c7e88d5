# Looking at what was received before personal data were removed.

refused-reasonmissing = Say why you need the original words, in at least { $least } characters. The reason is recorded.
