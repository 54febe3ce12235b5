from . import access_chain, watermark
