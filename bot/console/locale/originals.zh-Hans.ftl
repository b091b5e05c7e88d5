# Looking at what was received before personal data were removed.

refused-reasonmissing = 请写明为什么要看原话，至少 { $least } 个字。理由会记录下来。
