"""What the operating system refused, in the words of the people who use the program."""

import errno

_REASONS = {
    errno.ENOENT: "không có tệp hoặc thư mục này",
    errno.EACCES: "không có quyền đọc hoặc ghi",
    errno.EPERM: "không có quyền đọc hoặc ghi",
    errno.EISDIR: "đây là thư mục, không phải tệp",
    errno.ENOTDIR: "một phần của đường dẫn là tệp, không phải thư mục",
    errno.EEXIST: "đã có tệp hoặc thư mục mang tên này",
    errno.ENOSPC: "hết dung lượng đĩa",
    errno.EDQUOT: "hết hạn mức dung lượng đĩa",
    errno.EFBIG: "tệp vượt quá hạn mức của hệ thống",
    errno.EROFS: "ổ đĩa chỉ cho đọc",
    errno.ENAMETOOLONG: "tên quá dài",
    errno.EADDRINUSE: "cổng này đang có chương trình khác dùng",
}


def in_vietnamese(error: OSError) -> str:
    """Why the system refused; an error of no known kind is named by its number alone."""
    if error.errno in _REASONS:
        return _REASONS[error.errno]
    return "lỗi hệ thống" if error.errno is None else f"lỗi hệ thống số {error.errno}"
