"""The studio as a Hugging Face Space."""

from strokewise.studio import Limits, serve

if __name__ == "__main__":
    serve(
        host="0.0.0.0",
        port=7860,
        limits=Limits(megabytes=10, megapixels=30, seconds=90, waiting=12),
        embed="'self' https://huggingface.co https://*.hf.space",
        notice=print,
    )
